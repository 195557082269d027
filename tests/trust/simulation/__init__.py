"""Seeded runs of several vats under crashes and failing disks, beside a model that says what must hold.

``plan`` draws what happens, ``vat_code`` carries it out in real vats, ``trace`` notes which crank entered which commit,
``faults`` breaks the process and the disk, ``model`` knows what must be true of it all, and ``story`` runs one seed.
"""
