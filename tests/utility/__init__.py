"""How far off published numbers are, for several ways of protecting the same people by the same ε and δ."""
