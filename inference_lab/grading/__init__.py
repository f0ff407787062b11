"""Grading: from a folder of submissions to a mark sheet.

What a mark promises: the submitted code computed right values for inputs that it had never seen. No
submission can get marks without such code, change another's marks, or harm the grader. It does not
promise secrecy: the solutions are public; a private pack (`--pack DIR`) serves exams.

How: an exercise's cell is found in the notebook (by id, else by metadata, else as the only one that
defines the function) and run alone in a boxed process. That process gets one hidden input at a
time, drawn from the secret seed, the same for all students; its answers come back as plain data and
the grader, which never runs student code, compares them with the reference.

Statuses in marks.csv:

    right           every hidden answer was right: full points
    wrong           one was not, or was not plain numbers, texts, lists and dicts: 0 points
    raised          the code raised an exception: 0 points
    timed out       a limit of time was reached: 0 points
    ended           the process ended by itself, such as by os._exit or a crash: 0 points
    no answer       it sent something that is no answer, or one too long: 0 points
    not attempted   the stub is untouched: 0 points
    not handed in   the submission has no notebook of this lesson: 0 points
    needs a person  the cell or notebook cannot be told or read: points are empty
    refused         the submission as a whole cannot be read safely: points are empty

A student with empty points has an empty total too, until a person has looked: a total is never
less than it may be without being seen. report.json says why, exercise by exercise.
"""
