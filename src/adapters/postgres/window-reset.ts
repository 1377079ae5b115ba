/** What a window is set to that is to be read from its beginning again. */
export const WINDOW_RESET = `state = 'UNSPLIT', next_offset = 0, rereads = 0, rows_seen = 0, distinct_seen = 0,
  rejected = 0, checksum = 0, count_before = null, count_after = null, message = null, settled_at = null,
  pass_began_at = null`;
