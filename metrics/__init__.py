"""What is measured and how to read it: pure functions, no files, no rows about people."""
