"""Mutation testing of the guarantee's core: each line changed a little, and the tests must notice."""
