"""Traditional characters as simplified ones, one for one, so that one rule finds 记者 and 記者.

Pure. For looking only: the result has the same length, so that a place found in it is the same place in
the text. It knows the characters that occur in our own rules, and is no converter.
"""

from __future__ import annotations

import re

_PAIRS = (
    "記记訊讯報报導导聞闻編编輯辑責责來来網网發发佈布時时間间閱阅讀读評评論论關关熱热門门點点擊击與与舉举讚赞轉转載载權权歸归聲声圖图攝摄譯译執执"
    "筆笔專专欄栏題题鏈链標标籤签頁页後后繼继續续訂订戶户號号眾众掃扫碼码維维請请長长識识別别務务沒没為为經经濟济財财電电視视頻频東东華华國国際际"
    "臺台灣湾縣县區区實实習习駐驻團团隊队員员個个週周鐘钟開开條条則则節节選选聯联繫系訴诉廣广雲云說说討讨貼贴頂顶層层樓楼樣样體体檔档傳传動动態态"
    "簡简單单類类資资總总監监審审終终統统籌筹設设計计師师運运營营從从並并處处樂乐愛爱學学壇坛當当該该這这無无產产協协會会議议場场調调訪访談谈綜综"
    "錄录連连結结參参兩两對对應应變变現现見见觀观覽览裡里還还過过進进選选遠远適适遲迟達达違违遞递郵邮鄉乡醫医釋释鐵铁鎖锁錯错陳陈陸陆階阶隨随險险"
    "離离難难雜杂雙双響响順顺領领頭头顯显風风飛飞飯饭館馆駕驾驗验鮮鲜齊齐龍龙佔占價价優优億亿側侧偵侦傑杰備备傷伤債债傾倾僅仅儀仪兒儿內内冊册凍冻"
    "劃划劇剧創创勝胜勞劳勢势匯汇衛卫卻却員员問问啟启嗎吗喬乔單单嚴严囑嘱園园圓圆執执報报壓压壞坏夠够夢梦奪夺奮奋婦妇媽妈嬌娇孫孙學学寧宁寫写寬宽"
    "寶宝將将專专尋寻導导屆届屬属歲岁島岛帥帅帶带幣币幫帮幾几庫库廠厂廢废張张強强彈弹彙汇徑径復复恆恒恥耻悅悦態态慶庆憂忧憑凭憲宪懷怀戰战戲戏擁拥"
    "擇择擔担據据擬拟擴扩擺摆攔拦敗败敘叙數数斷断於于暫暂曆历曉晓會会術术機机權权檢检欽钦歐欧歡欢決决況况淺浅測测溫温滿满漢汉潔洁潛潜澤泽灘滩災灾"
    "營营爭争爺爷狀状獎奖獨独獲获環环畫画異异療疗盡尽監监盤盘眾众確确禮礼種种稱称積积穩稳窮穷競竞紀纪約约紅红納纳純纯紙纸級级細细組组終终給给統统"
    "經经綠绿網网緊紧線线緣缘練练縱纵績绩織织繪绘繳缴羅罗義义習习聖圣職职聽听腦脑臨临舉举舊旧艦舰藝艺藥药蘇苏處处術术裝装製制複复見见規规親亲觸触"
    "計计認认試试詢询詳详語语誤误誰谁課课調调諾诺謝谢證证護护讓让貢贡貨货購购貿贸費费質质賽赛贈赠趙赵車车軍军較较輕轻輸输農农鄧邓鄭郑銀银錢钱鍾钟"
    "黃黄點点齡龄葉叶楊杨劉刘吳吴馬马許许韓韩馮冯範范賈贾韋韦鄒邹莊庄魯鲁畢毕紅红簡简連连賴赖鍾钟顏颜項项譚谭盧卢蔣蒋蕭萧鄺邝龔龚嚴严"
)
_SIMPLE = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))


_EASTERN = re.compile(r"[\u2e80-\uffef]")


def is_eastern(text: str) -> bool:
    """Whether it holds any ideograph, or a mark that only stands among them."""
    return _EASTERN.search(text) is not None


def simple(text: str) -> str:
    return text.translate(_SIMPLE) if is_eastern(text) else text
