"""What was written, read back and attacked by code that shares nothing with the protector's."""
