"""A release in the forms that colleagues open: data with labels, what the data mean, and how scales are worked out."""
