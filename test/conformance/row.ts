/** One row of a corpus; what a file of rows is about decides what else it has. */
export interface Row {
  readonly id: string;
  readonly input: unknown;
}
