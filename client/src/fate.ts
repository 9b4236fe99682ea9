// Whether a new twin may be written over a file.

export interface Texts {
  /** What the file holds now; `undefined` if there is none. */
  present: string | undefined;
  /** What Diptych wrote there last; `undefined` if it never did. */
  written: string | undefined;
  twin: string;
}

/** `merge` where a person's work would be lost. */
export function fate({ present, written, twin }: Texts): 'write' | 'same' | 'merge' {
  if (present === twin) {
    return 'same';
  }
  return present === undefined || present.trim() === '' || present === written ? 'write' : 'merge';
}
