/**
 * Characters that nobody sees, or that change how the text around them looks: controls, line breaks, invisible and
 * direction-changing characters (Unicode's default ignorables), the empty Braille pattern and annotation marks.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]/u;

/** The message for such characters. */
export const VISIBLE =
  "must not contain line breaks, invisible characters or characters that change the text direction";

/** True if everything in `text` can be seen, so that it cannot pass for another text. */
export const isVisible = (text: string): boolean => !UNSEEN.test(text);

/** The same, but allows emoji, many of which contain invisible characters. */
export const isVisibleOrEmoji = (text: string): boolean =>
  isVisible(text) || isVisible(text.replace(/\p{RGI_Emoji}/gv, ""));
