/** Who is served first where keys wait for a worker. */
export const PRIORITY = {
  /** Somebody sits and waits for it: a re-run, a cancel, a deletion. */
  act: 200,
  /** A MallSync is new or was changed. */
  spec: 100,
  /** A Job or pod moved: the run itself needs nobody for that. */
  job: 0,
  /** The first list and relists: after a restart thousands of these stand behind what people do meanwhile. */
  resync: -100,
} as const;
