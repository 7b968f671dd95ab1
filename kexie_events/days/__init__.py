"""Days that matter when something is planned: public holidays and their corrections, examinations, named days."""
