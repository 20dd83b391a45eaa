"""The set-up code that a board's owner chose beforehand, because nobody sees the board's console."""

import unittest

from board import Board
from test_page import set_up


class SetupCode(unittest.TestCase):
    def code(self, chosen):
        board = Board()
        self.addCleanup(board.close)
        board.tell("setup-code", chosen)
        board.start()
        self.assertEqual(set_up(board, code="0000-0000")[1].status, 422)
        self.assertEqual(set_up(board)[1].status, 303)
        return board.setup_code()

    def test_is_the_owners(self):
        self.assertEqual(self.code("1234-5678\n"), "1234-5678")
        self.assertEqual(self.code("87654321"), "8765-4321")

    def test_is_made_up_when_the_owners_is_none(self):
        for chosen in ("", "1234-567", "1234-56789", "abcd-efgh", "1234-5678" * 40):
            self.assertNotIn(self.code(chosen), ("1234-567", "1234-5678", "abcd-efgh"), chosen)


if __name__ == "__main__":
    unittest.main()
