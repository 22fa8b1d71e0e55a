"""The formats of files: each module turns an opened file of one kind into numbered rows of texts."""
