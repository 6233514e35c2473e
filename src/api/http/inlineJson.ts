/** JSON inside a script of a page, where an unescaped "<" could end the script. */
export const inlineJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");
