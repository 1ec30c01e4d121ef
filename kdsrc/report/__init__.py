"""What readers see: plots, tables and text. Nothing else in the engine knows of HTML or Matplotlib."""
