-- +goose Up

-- Authors' keys are marked by larger blocks than words, which are larger too, and what
-- is no word has a sign of its column: the index is made anew.
DELETE FROM notes WHERE name = 'index of words';
