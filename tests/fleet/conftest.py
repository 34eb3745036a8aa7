"""The desk that a test asks for."""

from fleet.desks import bench

__all__ = ["bench"]
