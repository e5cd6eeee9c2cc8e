"""What runs inside a notebook's kernel. Knows no room: a kernel that is forked has loaded nothing that it may not see."""
