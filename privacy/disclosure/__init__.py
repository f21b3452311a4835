"""Disclosure control: who stands out in a table, what belonging to a class tells, and how coarse traits must be told.

`classes`, `diversity`, `loss`: measures. `criteria`: what every class must hold to. `lattice` (with `rollup`): the best
levels. `suppression`, `coding`: what else can be done to values. `remainders`: what two products tell together.
docs/disclosure-control.md has every definition. Pure functions over frames: no name, no file, no clock.
"""
