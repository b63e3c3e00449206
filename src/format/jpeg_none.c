/* jpeg_none.c -- in the place of jpeg.c where libjpeg-turbo was not there at build time: JPEG is refused. */
#include "image_kinds.h"
#include "snas/base/text.h"

bool snas_jpeg_is_there(void)
{
    return false;
}

snas_status format_jpeg_decode(const format_image_task *task, snas_image *out)
{
    (void)out;
    char shown[1024];
    return snas_fail(SNAS_E_DATA,
                     "'%s' is a JPEG, which this snas cannot read: it was built without "
                     "libjpeg-turbo",
                     snas_printable(shown, sizeof shown, task->name));
}
