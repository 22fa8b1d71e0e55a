"""What was measured of the guarantee, as one page."""
