"""What is Taipan's own: see `taipan.jit`."""
