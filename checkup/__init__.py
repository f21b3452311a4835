"""WHAT IS REALLY SERVED: signed lists of the site's files, and the check of a deployed site against one.

Runs on somebody's own machine, against a site from outside. Never imported by the field app or the desk.
"""
