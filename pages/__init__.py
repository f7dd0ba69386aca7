"""The pages of the explorer (Dash Pages): layout and thin callbacks, no arithmetic on data."""
