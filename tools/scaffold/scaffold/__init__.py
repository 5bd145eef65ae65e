"""What makes a project of this repository: its names, what it leaves out, and the proof that it is whole."""
