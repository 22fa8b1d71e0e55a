"""What the noisy numbers tell: one linear-Gaussian model of a measure over tree and months."""
