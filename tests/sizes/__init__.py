"""Work on many rows, in processes of its own, with time and memory measured. SCALE multiplies the sizes."""
