// How files that people name are opened for reading: a pipe or a device gives an answer at once, instead of holding a thread until somebody writes into it.
import { constants } from 'node:fs';

export const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
