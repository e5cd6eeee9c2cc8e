"""What every room stands on, and what differs from system to system: one of each."""
