// Files that come and go. The build puts this after the script of the details, whose part it is.

// The text of a file that is dropped; a megabyte is no launch script. A picture holds a link, near its beginning. Gives an Error that
// says why there is no text, where there is none.
export async function textIn(file) {
  const part = file.slice(0, 1e6);
  try {
    return /^image/.test(file.type) ? meshplanDetails.linkInPicture(new Uint8Array(await part.arrayBuffer())) : await part.text();
  } catch (error) {
    return error;
  }
}

// A picture or a text of the plan is taken away. The details write it and say what became of it; saving, copying and turning it into
// pixels is the browser's. Node, which reads the details for tests, has no such events.
globalThis.addEventListener?.("meshplan:picture", async ({ detail: file }) => {
  let said = file.done;
  try {
    let picture = new Blob([file.text], { type: file.type });
    if (/png/.test(file.form)) {
      const pixels = meshplanDetails.withLink(await rasterized(picture), file.title, file.link);
      picture = new Blob([pixels], { type: "image/png" });
    }
    if (file.form === "copy") {
      await navigator.clipboard.writeText(file.text);
    } else if (file.form === "copy-png") {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    } else {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(picture);
      link.download = file.name;
      link.click();
      // Some browsers read it only after a while.
      setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
    }
  } catch {
    said = file.refused;
  }
  meshplanDetails.tell(said);
});

// A drawing as a PNG, in twice its size where a canvas may have so many pixels: some browsers draw nothing on a larger one.
async function rasterized(drawing) {
  const image = new Image();
  image.src = URL.createObjectURL(drawing);
  await new Promise((loaded, failed) => {
    image.onload = loaded;
    image.onerror = failed;
  });
  URL.revokeObjectURL(image.src);
  const width = image.naturalWidth;
  const height = image.naturalHeight;
  const scale = Math.min(2, Math.sqrt(16e6 / width / height), 8192 / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise((done) => canvas.toBlob(done));
  return new Uint8Array(await png.arrayBuffer());
}
