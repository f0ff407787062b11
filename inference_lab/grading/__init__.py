"""Grading: from a folder of submissions to a mark sheet.

What a mark promises: the submitted code computed right values for inputs that it had never seen. No
submission can get marks without such code, change another's marks, or harm the grader. And the
other way round: what `check` calls right gets no silent 0; a doubt is for a person. It does not
promise secrecy: the solutions are public; a private answer key (`--answer-key DIR`) serves exams.

How: a submission (NAME.zip, .tar.gz, .ipynb, or a folder) is read in a process with limits of time,
memory and bytes. Every notebook of a lesson is looked at, whatever its name and however deep it
lies: the solved one counts if only one is solved. An exercise's cell is found in it (by id, else by
metadata, else as the only one that defines the function), freed from magics that change nothing,
and run alone in a boxed process. That process gets one input at a time: first the public ones of
the check, then hidden ones, drawn from the secret seed, the same for all students; its answers come
back as plain data and the grader, which never runs student code, compares them with the reference.

Statuses in marks.csv:

    right           every answer was right: full points
    wrong           one was not, or was not plain numbers, texts, lists and dicts: 0 points
    raised          the code raised an exception: 0 points
    timed out       a limit of time, which is named, was reached: 0 points
    ended           the process ended by itself, such as by os._exit or a crash: 0 points
    no answer       it sent something that is no answer, or one too long: 0 points
    not attempted   the stub is untouched: 0 points
    not handed in   the submission has no notebook of this lesson: 0 points
    needs a person  it cannot be told which cell counts; or the code was right on all public inputs
                    and failed later; or the box lacks what it asks for: points are empty
    refused         the submission as a whole cannot be read safely: points are empty
    not reached     the run was stopped before: points are empty

A student with empty points has an empty total too, until a person has looked: a total is never
less than it may be without being seen. The reason stands in marks.csv and on the console.

The report's three files may be forwarded. The folder `private` beside them may not: it holds, line
by line as things happened, what each exercise was asked and answered.
"""
