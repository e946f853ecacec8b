"""The diary: patients, their programs, sessions and pain flags, and the three doors."""
