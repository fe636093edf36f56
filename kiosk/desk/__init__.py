"""The joint front desk: two officers, one terminal."""
