"""The rule checker for FastAPI code bases on SQLModel or async SQLAlchemy."""

__version__ = "0.1.0"
