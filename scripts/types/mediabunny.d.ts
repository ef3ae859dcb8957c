// Stands in for the declarations of mediabunny, whose DOM types clash with those of workers. What is
// used of it is declared in src/files/mediabunny.ts.
export {};
