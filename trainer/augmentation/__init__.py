"""Changes that leave a piece's emotion alone: of features (frames) and of sound (change, conditions).

Nothing is imported here, so that who needs only features does not load what only sound needs.
"""
