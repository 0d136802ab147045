"""Checks of the scenarios: what is not in a file's SCENARIOS is never run."""
import ast
import os

FOLDER = "tests/scenario/scenarios"


def unlisted(tree):
    """Functions of a world alone that nothing in the module names."""
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name not in named and
            [argument.arg for argument in node.args.args] == ["world"]]


def listed(root):
    problems = []
    folder = os.path.join(root, FOLDER)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                tree = ast.parse(file.read())
            problems += ["%s/%s:%d: %s is not in SCENARIOS: it is never run" % (FOLDER, name, node.lineno, node.name)
                         for node in unlisted(tree)]
    return [("scenarios are listed", problems)]
