/** A place among all that wait: `3 of 40`. */
export const placeText = ({ place, of }: { readonly place: number; readonly of: number }) => `${place} of ${of}`;
