"""Answers to lesson 01, written from the course notebook alone: right ones and wrong ones."""

RIGHT = {}

WRONG = {}
