"""The attack on a finished publication, before it takes its place: everything in it is read back, as anyone will read it."""
