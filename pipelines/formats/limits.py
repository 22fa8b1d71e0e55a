"""How large a file may be, packed and unpacked."""

LARGEST_FILE = 512 << 20  # bytes
LONGEST_CELL = 1_000_000  # characters
MOST_MEMBERS = 1_000  # files in an archive
LARGEST_RATIO = 200  # unpacked to packed; beyond it, a member above SMALL_MEMBER is taken for a bomb
SMALL_MEMBER = 16 << 20  # bytes


def megabytes(size: int) -> str:
    """A size as messages say it."""
    return f"{size >> 20} MB"
