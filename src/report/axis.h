/* axis.h -- an axis of a chart: its range, its round ticks, and where a value stands between its ends. */
#ifndef REPORT_AXIS_H
#define REPORT_AXIS_H

#include <stdbool.h>

enum { REPORT_TICKS_MAX = 24, REPORT_NUMBER_MAX = 32 };

typedef struct {
    double low, high; /* the ends; low < high */
    bool is_log;
    int count; /* of the ticks */
    double tick[REPORT_TICKS_MAX];
    double step; /* between two ticks; 0 where they are not even */
} report_axis;

typedef struct {
    double least, most; /* least > most: nothing has been seen */
} report_range;

/** Nothing seen; see one value more. Values that an axis cannot show are passed over. */
report_range report_range_empty(void);
void report_range_see(report_range *range, double value, bool is_log);

/** Widen it on both sides by this part of what it spans. */
void report_range_pad(report_range *range, double part, bool is_log);

typedef struct {
    bool is_log;
    int ticks;     /* about so many */
    bool to_ticks; /* the ends are ticks, else the ends of the range */
    bool whole;    /* no tick between two whole numbers */
} report_axis_wish;

/** The axis for a range. An empty range gives 0 to 1 (1 to 10); a range of one value is widened. */
report_axis report_axis_fit(report_range range, report_axis_wish wish);

/** Where a value stands: 0 at the low end, 1 at the high one, held between them. */
double report_axis_at(const report_axis *axis, double value);

/** The number of a tick as text; `to` holds REPORT_NUMBER_MAX bytes. */
void report_axis_text(const report_axis *axis, int tick, char *to);

#endif
