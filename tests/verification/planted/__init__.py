"""Plants one-line bugs into right twins, and looks whether verification points at them."""
