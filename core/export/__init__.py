"""What goes out of the program: files made from the same results and tables as the screen."""
