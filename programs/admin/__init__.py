"""The library in the stock admin: trainers edit ladders and drafts, preview, publish and retire."""

from programs.admin import ladders, phases, templates, versions

__all__ = ["ladders", "phases", "templates", "versions"]
