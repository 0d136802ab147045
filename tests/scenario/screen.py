"""What a terminal shows after a program has written to it: enough of a VT100 for lines, wrapping and a block that is
drawn over."""
import re

TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|(.)", re.DOTALL)


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.scrolled, self.cells = [], [[] for _ in range(rows)]
        self.row = self.column = 0

    def write(self, text):
        for match in TOKEN.finditer(text):
            if match.group(3) is None:
                self._control(match.group(1), match.group(2))
            else:
                self._character(match.group(3))
        return self

    def lines(self):
        """Everything from the first line that has scrolled away to the last one that is not empty."""
        lines = self.scrolled + ["".join(row).rstrip() for row in self.cells]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _control(self, arguments, letter):
        if letter == "A":
            self.row = max(0, self.row - int(arguments or 1))
        elif letter == "J":
            self.cells[self.row + 1:] = [[] for _ in range(self.rows - self.row - 1)]
        if letter in "JK":
            del self.cells[self.row][self.column:]
        elif letter not in "mA":
            raise ValueError("a control sequence this screen does not know: %r" % (arguments + letter))

    def _character(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._next_row()
        else:
            if self.column == self.columns:
                self.column = 0
                self._next_row()
            row = self.cells[self.row]
            row.extend(" " * (self.column - len(row)))
            row[self.column:self.column + 1] = character
            self.column += 1

    def _next_row(self):
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.scrolled.append("".join(self.cells.pop(0)).rstrip())
            self.cells.append([])
