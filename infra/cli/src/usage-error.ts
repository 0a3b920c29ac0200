/** The command line asks for something that does not exist; shown with a hint to the help, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
