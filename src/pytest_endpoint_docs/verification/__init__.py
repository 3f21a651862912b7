"""What was verified, when, and by whom: stamps, evidence, ages."""
