"""What editions and custom orders have given away, remembered for all that follow."""
