"""Everything is declared in pyproject.toml, but for one thing: resources/ travels inside the package as assets/."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["lstm_studio", "lstm_studio.*"]), "lstm_studio.assets"],
    package_dir={"lstm_studio.assets": "resources"},
    package_data={"lstm_studio.assets": ["**/*"]},
)
