"""One vat: its objects in three zones, its kinds and its cranks. Reads through a view, writes by handing out deltas."""
