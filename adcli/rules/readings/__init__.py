"""The kernels that rows name: what a primitive computes in each arithmetic. Most are imported when they are needed."""
