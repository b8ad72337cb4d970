/** The port that `./run page` serves on, unless something else has it. */
export const usualPagePort = 8128;
